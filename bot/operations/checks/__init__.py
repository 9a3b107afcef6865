"""What the doctor checks, one module for each thing that the bot depends on."""
