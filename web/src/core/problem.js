// Why a call was refused: the API's problem document, or that nobody answered.
export class Problem extends Error {
    /**
     * @param {number} status 0: nobody answered
     * @param {{code?: string, detail?: string, trace_id?: string, errors?: {field: string, detail: string}[]}} [said]
     * @param {number} [retryAfter] seconds
     */
    constructor(status, said = {}, retryAfter = 0) {
        super(said.detail ?? said.code ?? 'AWAY');
        this.status = status;
        this.code = said.code ?? (status ? `HTTP_${status}` : 'AWAY');
        this.detail = said.detail ?? '';
        this.trace = said.trace_id ?? '';
        this.retryAfter = retryAfter;
        /** @type {Record<string, string>} */
        this.fields = Object.fromEntries((said.errors ?? []).map(({ field, detail }) => [field, detail]));
    }

    /** Whether the same call may be made again, because it is not known, or not true, that it was carried out. */
    get passes() {
        return this.status === 0 || this.status === 503 || this.status === 504;
    }
}
