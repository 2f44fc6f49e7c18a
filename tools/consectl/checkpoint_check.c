#include "tools/consectl/checkpoint_check.h"

#include <sodium.h>

#include "lib/keys/certificate.h"
#include "services/events/game/checkpoint.h"

static bool check_signer(const Events__Signer *signer, const uint8_t identity[32], struct err *err)
{
    bool whole = signer->public_key.len == PUBLIC_KEY && signer->certificate.len == KEY_CERTIFICATE;
    return (whole && certificate_check(identity, CERTIFIES_CHECKPOINTS, signer->public_key.data,
                                       signer->certificate.data)) ||
           err_fail(err, STORE_CORRUPT,
                    "the key that signed the checkpoints is not certified by the server's");
}

static bool check_signature(const char *event_id, const Events__Checkpoint *checkpoint,
                            const uint8_t signer[32], struct err *err)
{
    uint8_t message[CHECKPOINT_MOST];
    if (checkpoint->hash.len != HASH_CHAIN_HASH || checkpoint->signature.len != crypto_sign_BYTES)
        return err_fail(err, STORE_CORRUPT, "the checkpoint of phase %d is not signed",
                        checkpoint->phase_number);
    size_t len =
        checkpoint_message(message, event_id, (uint32_t)checkpoint->phase_number, checkpoint->hash.data);
    return crypto_sign_verify_detached(checkpoint->signature.data, message, len, signer) == 0 ||
           err_fail(err, STORE_CORRUPT, "the checkpoint of phase %d has a wrong signature",
                    checkpoint->phase_number);
}

bool checkpoints_check(const char *event_id, const Events__LogReply *log, const uint8_t identity[32],
                       struct err *err)
{
    if (log->signer && !check_signer(log->signer, identity, err)) return false;
    const uint8_t *signer = log->signer ? log->signer->public_key.data : identity;
    for (size_t i = 0; i < log->n_checkpoints; i++)
        if (!check_signature(event_id, log->checkpoints[i], signer, err)) return false;
    return true;
}
