// One gateway with auth alone, impatient and with a foreign origin, for the tests of its edge.
import { startSystem, throughOne } from './system.mjs';

export const startEdge = async () =>
    throughOne(await startSystem({
        services: ['auth', 'gateway'],
        env: {
            CONSE_LIMIT_AUTH: '100000/100000',
            CONSE_LIMIT_DEFAULT: '1000000/1000000',
            CONSE_CORS_ORIGINS: 'https://game.example',
            CONSE_HEADER_TIMEOUT: '1s',
            CONSE_REQUEST_TIMEOUT: '5s',
        },
    }));
