/**
 * @generated SignedSource<<afe9106c88c0db83e022d25cb68af700>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type UpdateLocationInput = {
  accuracyMeters?: number | null | undefined;
  device?: string | null | undefined;
  headingDegrees?: number | null | undefined;
  id?: string | null | undefined;
  latitude: number;
  longitude: number;
  recordedAt?: string | null | undefined;
  speedMetersPerSecond?: number | null | undefined;
  stillHere?: boolean | null | undefined;
};
export type appShareMutation$variables = {
  input: UpdateLocationInput;
};
export type appShareMutation$data = {
  readonly updateLocation: {
    readonly recorded: boolean;
  };
};
export type appShareMutation = {
  response: appShareMutation$data;
  variables: appShareMutation$variables;
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
    "concreteType": "UpdateLocationPayload",
    "kind": "LinkedField",
    "name": "updateLocation",
    "plural": false,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "recorded",
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
    "name": "appShareMutation",
    "selections": (v1/*:: as any*/),
    "type": "Mutation",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "appShareMutation",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "5cc21828d385381b417ccbc84c674060",
    "id": null,
    "metadata": {},
    "name": "appShareMutation",
    "operationKind": "mutation",
    "text": "mutation appShareMutation(\n  $input: UpdateLocationInput!\n) {\n  updateLocation(input: $input) {\n    recorded\n  }\n}\n"
  }
};
})();

(node as any).hash = "409edc0dbc89104937b64bf353811ba3";

export default node;
