"""The detector in a web page: the site that any server can serve, and the networks in it."""
