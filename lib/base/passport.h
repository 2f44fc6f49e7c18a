// The rights of a method's passport. Pure; no allocation.
#ifndef LIB_BASE_PASSPORT_H
#define LIB_BASE_PASSPORT_H

enum { LEVEL_DEV = 1, LEVEL_GOD = 2, LEVEL_PLAYER = 3 }; // auth.Level; 0: nobody

#endif
