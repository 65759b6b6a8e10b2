"""Twenty authors with five books each."""

from django.db import models


class Author(models.Model):
    """One of twenty."""

    name = models.TextField()

    class Meta:
        """The table is the bench's."""

        managed = False
        db_table = "nineam_bench_author"


class Book(models.Model):
    """One of an author's five."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.TextField()
    pages = models.IntegerField()

    class Meta:
        """The table is the bench's."""

        managed = False
        db_table = "nineam_bench_book"
