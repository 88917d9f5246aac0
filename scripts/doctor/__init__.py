"""A look at a deployment, from where it is run."""
