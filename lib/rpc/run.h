// The steps around every call's handler, whether the call came over a socket or not. Private to the room.
#ifndef LIB_RPC_RUN_H
#define LIB_RPC_RUN_H

#include "lib/rpc/server.h"

// Sets the caller: a program for nobody, for a user, or the operator. MALFORMED when it is none of the three.
MUST_CHECK bool rpc_identify(struct rpc_call *call, Conse__Asker__Value asker, const Rpc__Caller *caller,
                             struct err *err);
// How fresh what the call decides on has to be: confirmed after its arrival, or just before it for a read, or
// at any time for a command, whose write finds out.
void rpc_set_freshness(struct rpc_call *call, bool after_arrival);
// Whether a command was answered by a finding that may be out of date: it was refused, or had nothing to
// write.
bool rpc_is_stale(const struct rpc_call *call, bool ok, const struct err *err);
// False when the caller had no part in the failure: an internal fault, or work that has to wait.
bool rpc_is_finding(const struct err *err);
// Whether the program and a caller of this level may call the method.
MUST_CHECK bool rpc_admit(const struct rpc_call *call, struct err *err);
// Runs the handler of call->method on call->request. *reply lives in the call's arena. When a handler answers
// without having judged the caller's right to the object, the call fails with INTERNAL_ERROR.
MUST_CHECK bool rpc_run(struct rpc_call *call, rpc_handler *handler, ProtobufCMessage **reply,
                        struct err *err);

#endif
