"""The doctor's checks, one module for each service that the bot depends on."""
