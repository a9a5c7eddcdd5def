"""Tests of the book. This file makes the folder a package, so that no installed package named ``tests`` hides it."""
