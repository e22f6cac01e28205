"""Vector people and animals: named parts in, SVG fragments out. One unit is about 1/250 of a grown head's height."""
