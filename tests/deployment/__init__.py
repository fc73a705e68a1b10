"""A real Django project with Djoser, made from any profile: the server that mock and suite are held against."""
