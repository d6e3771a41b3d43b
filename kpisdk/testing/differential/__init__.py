"""A differential test: random hostile tables in every container, against plain Python.

``tables`` says which rows are legal and read differently by engines; ``containers`` writes them
into files, frames and databases, and says what each then holds; ``figures`` is every kind of
measure beside the same in plain Python; ``questions`` draws what is asked of them and works out
every cell of the answer; ``agreement`` asks and compares.
"""
