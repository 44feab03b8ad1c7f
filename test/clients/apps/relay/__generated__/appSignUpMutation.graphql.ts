/**
 * @generated SignedSource<<fd4357b2f8211459d939ee77098686d7>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type SignUpInput = {
  displayName: string;
  handle: string;
  password: string;
  sharingEnabled?: boolean;
};
export type appSignUpMutation$variables = {
  input: SignUpInput;
};
export type appSignUpMutation$data = {
  readonly signUp: {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly user: {
      readonly id: string;
    };
  };
};
export type appSignUpMutation = {
  response: appSignUpMutation$data;
  variables: appSignUpMutation$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "input"
  }
],
v1 = [
  {
    "alias": null,
    "args": [
      {
        "kind": "Variable",
        "name": "input",
        "variableName": "input"
      }
    ],
    "concreteType": "AuthPayload",
    "kind": "LinkedField",
    "name": "signUp",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "concreteType": "User",
        "kind": "LinkedField",
        "name": "user",
        "plural": false,
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          }
        ],
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "accessToken",
        "storageKey": null
      },
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "refreshToken",
        "storageKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "appSignUpMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "appSignUpMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "021186d16a9e4eb6a6e3699d468ac219",
    "id": null,
    "metadata": {},
    "name": "appSignUpMutation",
    "operationKind": "mutation",
    "text": "mutation appSignUpMutation(\n  $input: SignUpInput!\n) {\n  signUp(input: $input) {\n    user {\n      id\n    }\n    accessToken\n    refreshToken\n  }\n}\n"
  }
};
})();

(node as any).hash = "6c14fa7de8cdc1e47d57af94580eb184";

export default node;
