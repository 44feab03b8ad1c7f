//! Follows the live list.

use std::{
    convert::Infallible,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::StreamExt;
use graphql_ws_client::{Client, Error as SocketError, graphql::StreamingOperation};
use serde_json::json;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{ClientRequestBuilder, Message, http::Uri},
};

use crate::{
    api::{NearbyFriends, nearby_friends},
    nearby_list::NearbyList,
    session::{Error, Session},
};

/// The close code of a socket whose token has ended.
const TOKEN_ENDED: u16 = 4403;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Prints every change, through broken connections and ended tokens.
pub async fn follow(session: &Session) -> Result<Infallible, Error> {
    let mut friends = NearbyList::default();
    let mut attempt = 0;
    loop {
        let token = session.access_token().await;
        let ended = follow_once(session, &token, |update| {
            attempt = 0;
            for line in friends.apply(update) {
                println!("{line}");
            }
        })
        .await;
        if let Err(SocketError::Close(TOKEN_ENDED, _)) = ended {
            match session.renew(&token).await {
                Ok(()) => continue,
                Err(Error::SignedOut) => return Err(Error::SignedOut),
                Err(_) => {} // The server can't be reached now.
            }
        }
        eprintln!("The list was interrupted. Trying again.");
        let pause = f64::min(0.5 * f64::powi(2.0, attempt), 5.0);
        sleep(Duration::from_secs_f64(pause * (0.5 + fastrand::f64() / 2.0))).await;
        attempt += 1;
    }
}

/// Returns when the connection has ended, with the close code if there was one.
async fn follow_once(
    session: &Session,
    token: &str,
    mut on_update: impl FnMut(nearby_friends::NearbyFriendsNearbyFriends),
) -> Result<(), SocketError> {
    // A subscription ends without saying why, so the code is read off the socket.
    let close_code = Arc::new(OnceLock::new());
    let seen = close_code.clone();
    let connecting = async {
        let uri: Uri = session.web_socket_url().parse().map_err(unknown)?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol("graphql-transport-ws");
        let (socket, _) = connect_async(request).await.map_err(unknown)?;
        let socket = socket.inspect(move |message| {
            if let Ok(Message::Close(Some(frame))) = message {
                _ = seen.set(u16::from(frame.code));
            }
        });
        Client::build(socket)
            .payload(json!({ "authorization": format!("Bearer {token}") }))?
            .keep_alive_interval(Duration::from_secs(15))
            .subscribe(StreamingOperation::<NearbyFriends>::new(nearby_friends::Variables {}))
            .await
    };
    let mut answers = timeout(CONNECT_TIMEOUT, connecting).await.map_err(unknown)??;
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        for error in answer.errors.iter().flatten() {
            eprintln!("{}", error.message);
        }
        if let Some(data) = answer.data {
            on_update(data.nearby_friends);
        }
    }
    match close_code.get() {
        Some(&code) => Err(SocketError::Close(code, String::new())),
        None => Ok(()),
    }
}

fn unknown(error: impl ToString) -> SocketError {
    SocketError::Unknown(error.to_string())
}
