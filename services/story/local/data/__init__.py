"""Word tables and story grammars of the local writer, by language and purpose."""
