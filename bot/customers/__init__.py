"""The customers that the bot knows: learned from every list of conversations that it reads."""
