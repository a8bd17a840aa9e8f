"""The YAML files, as a package so that an installed molgen finds them."""
