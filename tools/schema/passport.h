// The passport of a method: checked, so that a method that says too little, or what can't be, does not build;
// then printed as the designators of its row in the table of methods.
#ifndef TOOLS_SCHEMA_PASSPORT_H
#define TOOLS_SCHEMA_PASSPORT_H

#include <stdbool.h>

#include "tools/schema/option.h"

struct method {
    const FileSet *set;
    const char *package;
    const Method *proto;
    bool commented;
};

// Ends the tool with the fault when there is one.
void passport_print(const struct method *method);

#endif
