"""From a run file to blame, first cries, findings and a verdict."""
