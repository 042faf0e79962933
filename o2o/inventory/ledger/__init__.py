"""The books: the one way a number on a shelf changes, and what is done when shelf and books disagree. 流水"""
