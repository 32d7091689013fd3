"""The prompts, one file each with named blanks, and the versions people made of them."""
