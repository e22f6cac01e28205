"""Who owns rows, objects and money."""
