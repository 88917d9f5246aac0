"""A second index, filled aside and put in the place of the first: for another model."""
