"""Friend requests: asked by one, settled by the other."""
