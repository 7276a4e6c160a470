"""The processes of an installation, one file each; `stack.components.catalog` lists them."""
