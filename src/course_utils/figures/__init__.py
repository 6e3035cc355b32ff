"""House style, figures of the course and the glue between a run and its prose."""
