"""Side-by-side measurements against peers; every ratio comes from runs of one sitting."""
