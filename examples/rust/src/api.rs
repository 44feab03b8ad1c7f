//! The operations of `operations.graphql`, typed by the schema.

use graphql_client::GraphQLQuery;

type Latitude = f64;
type Longitude = f64;

macro_rules! operations {
    ($($name:ident),*) => {
        $(
            #[derive(GraphQLQuery)]
            #[graphql(
                schema_path = "../../schema.graphql",
                query_path = "operations.graphql",
                variables_derives = "Clone",
                response_derives = "Clone, Debug, PartialEq"
            )]
            pub struct $name;
        )*
    };
}

operations!(SignUp, SignIn, RefreshToken, FindUser, SendFriendRequest, Server, UpdateLocation, NearbyFriends);
