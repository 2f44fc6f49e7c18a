#include "services/auth/handlers/acts.h"

static const char *name_of(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *named = protobuf_c_enum_descriptor_get_value(type, value);
    return named ? named->name : "";
}

static Audit__Entry *act_begin(const struct rpc_call *call, Audit__AuditKind__Value kind, const char *target)
{
    const struct auth *auth = call->service;
    return audit_act(auth->audit, call, kind, target);
}

static bool act_end(const struct rpc_call *call, struct account *account, const Audit__Entry *entry,
                    struct err *err)
{
    if (!entry || call->arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return account_act(account, entry, call->arena, err);
}

bool act_level_set(struct rpc_call *call, struct account *account, Auth__Level__Value before, struct err *err)
{
    Audit__Entry *entry = act_begin(call, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, account->row->id);
    Audit__LevelSet *detail = arena_new(call->arena, Audit__LevelSet);
    if (entry && detail) {
        audit__level_set__init(detail);
        detail->before = name_of(&auth__level__value__descriptor, (int)before);
        detail->after = name_of(&auth__level__value__descriptor, (int)account->row->level);
        entry->detail_case = AUDIT__ENTRY__DETAIL_LEVEL_SET;
        entry->level_set = detail;
    }
    return act_end(call, account, entry, err);
}

bool act_suspension(struct rpc_call *call, struct account *account, const Auth__Suspension *suspension,
                    struct err *err)
{
    Audit__Entry *entry = act_begin(call,
                                    suspension ? AUDIT__AUDIT_KIND__VALUE__USER_SUSPENDED
                                               : AUDIT__AUDIT_KIND__VALUE__USER_READMITTED,
                                    account->row->id);
    Audit__UserSuspended *detail = suspension ? arena_new(call->arena, Audit__UserSuspended) : NULL;
    if (entry && detail) {
        audit__user_suspended__init(detail);
        detail->until = suspension->until;
        entry->detail_case = AUDIT__ENTRY__DETAIL_USER_SUSPENDED;
        entry->user_suspended = detail;
    }
    return act_end(call, account, entry, err);
}

bool act_sessions_ended(struct rpc_call *call, struct account *account, struct err *err)
{
    return act_end(call, account, act_begin(call, AUDIT__AUDIT_KIND__VALUE__SESSIONS_ENDED, account->row->id),
                   err);
}

bool act_unlocked(struct rpc_call *call, struct account *account, struct err *err)
{
    return act_end(call, account, act_begin(call, AUDIT__AUDIT_KIND__VALUE__USER_UNLOCKED, account->row->id),
                   err);
}

Audit__Entry *act_report_resolved(const struct rpc_call *call, const char *id, Auth__Resolution__Value how)
{
    Audit__Entry *entry = act_begin(call, AUDIT__AUDIT_KIND__VALUE__REPORT_RESOLVED, id);
    Audit__ReportResolved *detail = arena_new(call->arena, Audit__ReportResolved);
    if (!entry || !detail) return NULL;
    audit__report_resolved__init(detail);
    detail->resolution = name_of(&auth__resolution__value__descriptor, (int)how);
    entry->detail_case = AUDIT__ENTRY__DETAIL_REPORT_RESOLVED;
    entry->report_resolved = detail;
    return entry;
}
