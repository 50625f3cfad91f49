"""The command `accord`: one module per subcommand, imported when it is asked for."""
