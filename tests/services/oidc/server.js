// A real OpenID Connect provider on 127.0.0.1, as the file named on the command line describes it:
// {port, jwks, clients, accounts: {login: claims}}. Anybody may log in as anybody of `accounts`.
import { readFileSync } from 'node:fs';
import { Provider } from 'oidc-provider';

const { port, jwks, clients, accounts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const findAccount = async (_context, id) => {
  const claims = accounts[id];
  return claims && { accountId: id, claims: async () => ({ sub: id, ...claims }) };
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks,
  clients,
  findAccount,
  cookies: { keys: ['a key of the tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  pkce: { required: () => true },
  // Programs get JWTs for the audience that they name, with what is known of their account.
  extraTokenClaims: async (_context, token) => accounts[token.accountId ?? token.clientId],
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => undefined,
      getResourceServerInfo: async (_context, resource) => ({
        audience: resource.replace('urn:', ''),
        scope: '',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
      }),
      useGrantedResource: async () => true,
    },
  },
});

provider.listen(port, '127.0.0.1', () => console.log('ready'));
