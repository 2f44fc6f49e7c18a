# make graph: what is made from the call graph.
graph:
	node deploy/graph/print.mjs
.PHONY: graph
