"""The models of the papers, one paper a module; none imports another."""
