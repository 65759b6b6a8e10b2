"""Applications that can do so much and no more, each because of something else."""
