"""Turn what the agent and the machine say into rows of the run file."""
