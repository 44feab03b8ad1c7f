//! Makes friends, and lets them see the place.

use std::{convert::Infallible, time::Duration};

use tokio::time::sleep;

use crate::{
    api::{
        FindUser, SendFriendRequest, Server, UpdateLocation, find_user, send_friend_request, server, update_location,
    },
    session::{Error, Session},
};

/// Reports the place a few times within the life of a location.
pub async fn share(session: &Session, latitude: f64, longitude: f64) -> Result<Infallible, Error> {
    let mut pause = Duration::from_secs(5);
    loop {
        match report(session, latitude, longitude).await {
            Ok(time_to_live) => pause = time_to_live / 4,
            Err(Error::SignedOut) => return Err(Error::SignedOut),
            Err(error) => eprintln!("The place was not reported: {error}"),
        }
        sleep(pause).await;
    }
}

/// Returns how long the location lives.
async fn report(session: &Session, latitude: f64, longitude: f64) -> Result<Duration, Error> {
    session.call::<UpdateLocation>(update_location::Variables { latitude, longitude }).await?;
    let told = session.call::<Server>(server::Variables {}).await?.server;
    Ok(Duration::from_secs(told.location_ttl_seconds.unsigned_abs()))
}

pub async fn befriend(session: &Session, handle: String) -> Result<(), Error> {
    let user = session.call::<FindUser>(find_user::Variables { handle }).await?.user;
    let Some(user) = user else {
        return Err(Error::Refused { code: "NOT_FOUND".into(), message: "Nobody has that handle.".into() });
    };
    let request = session.call::<SendFriendRequest>(send_friend_request::Variables { user_id: user.id });
    match request.await {
        Err(error) if error.has_code("CONFLICT") => Ok(()), // They are friends already.
        result => result.map(|_| ()),
    }
}
