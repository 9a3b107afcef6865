"""The customers that the bot knows: from every list of conversations that was read, for whomever."""
