"""On the path of Django applications that run on a clone; its one module is imported there."""
