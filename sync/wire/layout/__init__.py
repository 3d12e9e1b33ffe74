"""Values in columns: what is alike stands together, each kind of value in its shortest form."""
