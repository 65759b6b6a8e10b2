"""Whether the agent's layers are true: applications that pay known costs, beside what the agent says they paid."""
