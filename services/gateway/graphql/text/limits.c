#include "services/gateway/graphql/text/limits.h"

const struct gql_limits gql_limits_open = {.bytes = 16 * 1024,
                                           .tokens = 1000,
                                           .nesting = 48,
                                           .aliases = 30,
                                           .directives = 50,
                                           .fragments = 50,
                                           .operations = 20,
                                           .depth = 10,
                                           .schema_depth = 16,
                                           .roots = 20,
                                           .schemas = 1,
                                           .fields = 2000,
                                           .cost = 1000};

const struct gql_limits gql_limits_trusted = {.bytes = 64 * 1024,
                                              .tokens = 4000,
                                              .nesting = 48,
                                              .aliases = 30,
                                              .directives = 50,
                                              .fragments = 50,
                                              .operations = 20,
                                              .depth = 10,
                                              .schema_depth = 16,
                                              .roots = 20,
                                              .schemas = 1,
                                              .fields = 2000,
                                              .cost = 5000};
