"""General-instruction data: licences, categories, unsuitable content."""
