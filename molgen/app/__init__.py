"""The page to work in: campaigns of a folder, begun, watched and looked at in a browser."""
