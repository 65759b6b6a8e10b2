"""Who does what: turn what is known of an application into the requests a load is made of."""
