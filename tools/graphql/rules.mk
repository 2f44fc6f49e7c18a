# What GraphQL shows is made of proto/ and the routes: names that collide fail the build, not the gateway's start.
NEEDS_graphql := services/gateway

build: $(BUILD)/schema.graphql
$(BUILD)/schema.graphql: $(BUILD)/bin/graphql
	$(Q)$< >$@.new && mv $@.new $@
# The same without words: what docs/schema.graphql has.
$(BUILD)/schema.bare.graphql: $(BUILD)/schema.graphql
	$(Q)awk '/^ *"""/ { if (!/""".*"""/) inside = !inside; next } !inside && NF' $< >$@.new && mv $@.new $@
