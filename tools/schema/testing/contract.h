// A contract of a test's own, t.proto, in a folder of its own, and what the tool makes of it.
#ifndef TOOLS_SCHEMA_TESTING_CONTRACT_H
#define TOOLS_SCHEMA_TESTING_CONTRACT_H

#include "tests/test.h"

static char contract_folder[TEST_FOLDER_BYTES];
static char contract_tool[512]; // schema, as the build made it

// To be written and closed.
static inline FILE *contract_open(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/t.proto", contract_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

// What the tool prints on one of its two outputs; its end tells whether it built.
static inline int contract_build(const char *redirect, char *out, size_t size)
{
    char command[1024];
    snprintf(
        command, sizeof command,
        "protoc -I%s -Iproto -I/usr/include --include_source_info --include_imports -o %s/t.bin t.proto && "
        "%s %s/t.bin %s",
        contract_folder, contract_folder, contract_tool, contract_folder, redirect);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(out, 1, size - 1, pipe);
    out[len] = 0;
    while (fgetc(pipe) != EOF) continue;
    return pclose(pipe);
}

static inline int contract_set_up(void **state)
{
    (void)state;
    ssize_t len = readlink("/proc/self/exe", contract_tool, sizeof contract_tool - 1);
    char *test = len > 0 ? strstr(contract_tool, "/test/tools/") : NULL;
    if (!test) return -1;
    test_folder_make(contract_folder);
    strcpy(test, "/gen/schema");
    return 0;
}

static inline int contract_tear_down(void **state)
{
    (void)state;
    test_folder_remove(contract_folder);
    return 0;
}

#endif
