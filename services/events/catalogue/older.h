// Rows of the catalogue that an older program made.
#ifndef EVENTS_CATALOGUE_OLDER_H
#define EVENTS_CATALOGUE_OLDER_H

#include <stdbool.h>

#include "events.pb-c.h"

// Puts into the row what the program that made it did not know, as the seed's row has it; the row then
// borrows the seed's texts. What that program knew stays, edited or not. False, and nothing changed, when
// there is nothing to put in: a later program made the row, or a dev said it since.
bool older_complete(ProtobufCMessage *row, const ProtobufCMessage *seed);

#endif
