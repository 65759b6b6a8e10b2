"""What watching a web application costs it: nineam's agent beside other ways of looking inside."""
