"""Make a clone of a database and let it grow to the size of production, in SQL, keeping its shape."""
